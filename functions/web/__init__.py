"""The Sales Inbox: the web application that people work in."""
