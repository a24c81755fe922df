


  # only a comment