"""The other services of AWS: queues, the mail bucket, secrets, keys, channels of alerts."""
