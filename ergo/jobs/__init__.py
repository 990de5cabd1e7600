"""Analyses as jobs: a ledger of objects in the store, workers that do them, runners that start workers."""
