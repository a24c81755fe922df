cluster "a" { image = "d" network {} }
	cluster	"b"	{ x = "漢字漢字" y = 1 }
locals {
  [2Jx = 1
  é = "‮" z = 2
}
