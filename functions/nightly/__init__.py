"""Does, once a night, what no request waits for: signs the head of the ledger of consent, and notes who did not answer."""
