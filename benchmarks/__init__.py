"""The budgets of this project, each measured beside its baseline in the same run."""
