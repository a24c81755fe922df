size_in_gb = 3
