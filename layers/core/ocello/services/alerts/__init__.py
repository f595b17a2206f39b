"""Use cases of alerts: ringing, holding, withdrawing."""
