size {
  a = "many"
  b {}
}
size {}
