contract A {
    function f() public {
        x = 1;

contract B {
}
