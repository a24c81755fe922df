
node {
}
