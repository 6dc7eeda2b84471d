// Linked with every library of the package: find_package(Xylem) found what each of them needs.
int main() {}
