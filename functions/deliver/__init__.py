"""Sends the copies that wait in the delivery queue."""
