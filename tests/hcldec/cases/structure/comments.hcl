# one
// two
/* three
   lines */
a = /* before */ 1 /* after */ # end
/**/ b = [ # in a list
  1, // one
  /* two */ 2
  # nothing
]
c = "# no comment // nor /* this */"
d = { # in an object
  // alone
  a = 1 # after
  /* b */ b = 2 /* , */
} // end
# no line end