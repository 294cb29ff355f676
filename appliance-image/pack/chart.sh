# Makes the Helm chart of the container image.

make_chart() {
    local chart=$out/penstock-$version.tgz
    "$here/pack/chart.py" --chart "$here/helm/penstock" --version "$version" --out "$chart.part"
    mv "$chart.part" "$chart"
    made "$chart"
}
