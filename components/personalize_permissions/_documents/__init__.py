"""Policy documents: the tables of the guide, statements, quotas, and merging into what others wrote."""
