"""From the ledger to a typeset paper: compose the prose, check every sentence, build and compile the LaTeX."""
