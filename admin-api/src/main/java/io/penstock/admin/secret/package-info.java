/** The values of secrets: encrypted before anything is stored, and given by name to what plugins are set up with. */
@NullMarked
package io.penstock.admin.secret;

import org.jspecify.annotations.NullMarked;
