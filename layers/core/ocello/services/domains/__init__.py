"""What is known of the domains that mail goes to."""
