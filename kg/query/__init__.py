"""Asking a graph directory: search by name, cards of things, counts; on caches that are rebuilt when needed."""
