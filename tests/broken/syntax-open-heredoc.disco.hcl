locals {
  note = <<-END
    never closed
}
