"""Settings of all tests: no example is judged by its seconds, machines differ."""

from hypothesis import HealthCheck, settings

settings.register_profile("besace", parent=settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("besace")
