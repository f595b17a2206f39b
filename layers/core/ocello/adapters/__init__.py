"""The adapters: they implement the services' ports with AWS, SMTP and HTTP."""
