# The functions that a specification may use, in terms of DISCO's.

function "abs" {
  params = [number]
  result = abs(number)
}
function "coalesce" {
  params         = []
  variadic_param = values
  result         = tolist([for value in values : value if value != null])[0]
}
function "concat" {
  params         = []
  variadic_param = lists
  result         = concat(lists...)
}
function "hasindex" {
  params = [collection, key]
  result = can(collection[key])
}
function "int" {
  params = [number]
  result = number < 0 ? ceil(number) : floor(number)
}
function "jsondecode" {
  params = [text]
  result = jsondecode(text)
}
function "jsonencode" {
  params = [value]
  result = jsonencode(value)
}
function "length" {
  params = [collection]
  result = length([for value in collection : value])
}
function "lower" {
  params = [text]
  result = lower(text)
}
function "max" {
  params         = []
  variadic_param = numbers
  result         = max(numbers...)
}
function "min" {
  params         = []
  variadic_param = numbers
  result         = min(numbers...)
}
function "reverse" {
  params = [text]
  result = strrev(text)
}
function "strlen" {
  params = [text]
  result = length(tostring(text))
}
function "substr" {
  params = [text, offset, length]
  result = substr(text, offset, length)
}
function "upper" {
  params = [text]
  result = upper(text)
}
