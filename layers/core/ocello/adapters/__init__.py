"""What knows AWS, SMTP and HTTP: the ports of the services, made real."""
