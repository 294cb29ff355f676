@NullMarked
package io.penstock.plugin.kv;

import org.jspecify.annotations.NullMarked;
