"""Analysis: from runs to the ledger of quantities and claims, its tables and its figures."""
