"""Goes on with withdrawals of consent that one request could not finish, or not even write down."""
