"""What landing stores beside its batches: the ledger and its copy, hashes, the quarantine, and views of them."""
