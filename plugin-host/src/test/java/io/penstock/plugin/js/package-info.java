/** What surrounds the script engine, apart from scripts. */
@NullMarked
package io.penstock.plugin.js;

import org.jspecify.annotations.NullMarked;
