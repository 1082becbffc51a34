# A function whose packages are in a layer that layerpack builds while Terraform plans.

terraform {
  required_providers {
    aws      = { source = "hashicorp/aws" }
    external = { source = "hashicorp/external" }
  }
}

locals {
  runtime      = "python3.13"
  architecture = "arm64"
}

data "external" "pypi" {
  program = [
    "layerpack", "build", "${path.module}/layers/pypi",
    "--runtime", local.runtime, "--arch", local.architecture,
    "--out-dir", "${path.module}/dist", "--emit", "zip,report", "--format", "terraform",
  ]
}

resource "aws_lambda_layer_version" "pypi" {
  layer_name               = data.external.pypi.result.layer
  filename                 = data.external.pypi.result.path
  source_code_hash         = data.external.pypi.result.sha256_base64
  compatible_runtimes      = [data.external.pypi.result.runtime]
  compatible_architectures = [data.external.pypi.result.arch]
}

data "archive_file" "app" {
  type        = "zip"
  source_dir  = "${path.module}/src"
  output_path = "${path.module}/dist/app.zip"
}

resource "aws_iam_role" "app" {
  name_prefix = "app-"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_lambda_function" "app" {
  function_name    = "app"
  role             = aws_iam_role.app.arn
  filename         = data.archive_file.app.output_path
  source_code_hash = data.archive_file.app.output_base64sha256
  handler          = "app.handler"
  runtime          = local.runtime
  architectures    = [local.architecture]
  layers           = [aws_lambda_layer_version.pypi.arn]
}
