"""One execution of a pipeline and how it moves (placeholder until the clock lands)."""
