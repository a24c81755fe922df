a = ["👩‍👩‍👧‍👦", "é", missing]
