"""CloudTrail: trails checked against the buckets, topics and keys they name, and the history of every call served."""
