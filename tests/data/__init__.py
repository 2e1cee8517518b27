"""What tests read: the installs of earlier versions, as SQL."""
