"""Subscriptions that customers take, pay and renew."""
