package io.penstock.admin.store;

import java.sql.SQLException;

/** The file can be read, and what it says cannot be true. */
final class DamagedStore extends SQLException {

    private static final long serialVersionUID = 1L;

    DamagedStore(String message) {
        super(message);
    }
}
