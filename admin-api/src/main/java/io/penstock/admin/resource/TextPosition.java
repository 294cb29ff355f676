package io.penstock.admin.resource;

/**
 * A place in a text.
 *
 * @param line counted from 1
 * @param column counted from 1
 */
public record TextPosition(int line, int column) {
    @Override
    public String toString() {
        return "line " + line + ", column " + column;
    }
}
