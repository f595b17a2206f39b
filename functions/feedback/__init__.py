"""Records in recipients' statuses what SES later reports of their copies."""
