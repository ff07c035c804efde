"""What every test has: hypothesis counts examples and watches no clock, so that a busy machine fails nothing."""

from hypothesis import HealthCheck, settings

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
