#!/bin/sh
# Makes a certificate for localhost and its key, good for a day: make_cert.sh FOLDER. For trying things out only.
set -eu
folder="${1:?usage: make_cert.sh FOLDER}"
mkdir -p "$folder"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost \
  -addext "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1" \
  -keyout "$folder/key.pem" -out "$folder/cert.pem" 2>/dev/null
chmod 600 "$folder/key.pem"
echo "$folder/cert.pem $folder/key.pem"
