name = "x"
list = [
  1,
]
text = <<EOT
a
EOT
