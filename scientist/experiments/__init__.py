"""Templates and their runs: what can be studied, and what came out when it was."""
