"""Asking people for their consent."""
