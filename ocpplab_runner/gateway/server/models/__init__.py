"""Bodies of requests and answers, one module per resource. Facts of the API; the words are ours."""
