"""Adapters for AWS services: queues, the mail bucket, secrets, keys and the channels of alerts."""
