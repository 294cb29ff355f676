@NullMarked
package io.penstock.admin.resource;

import org.jspecify.annotations.NullMarked;
