package io.penstock.admin;

import io.penstock.admin.machine.MachinePort;
import io.penstock.admin.machine.SystemSettings;
import io.penstock.admin.resource.ConfigJson;
import io.penstock.config.RecordDefaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A machine that keeps settings in memory, puts changes of the network on trial, and refuses what it is told to. */
final class FakeMachine implements MachinePort {
    final List<String> words = new ArrayList<>();
    Optional<Refused> refusal = Optional.empty();
    boolean isSilent;
    String bundleFolder = "";
    String upgrade = "none";
    String options = "";
    Optional<String> warning = Optional.empty();
    List<String> taken = List.of();
    private long version;
    private ObjectNode kept = ConfigJson.write(RecordDefaults.of(SystemSettings.class));
    private Optional<ObjectNode> trial = Optional.empty();

    @Override
    public synchronized Answer ask(String word, ObjectNode question) throws IOException {
        words.add(word);
        if (isSilent) {
            throw new IOException("nobody listens");
        }
        if (refusal.isPresent() && !word.equals("show")) {
            return refusal.get();
        }
        ObjectNode wish = question.path("settings") instanceof ObjectNode object ? object : kept;
        boolean isOnTrial = !wish.path("network").equals(kept.path("network"));
        switch (word) {
            case "check" -> {
                ObjectNode checked = JsonMapper.shared().createObjectNode();
                checked.putArray("onTrial");
                if (isOnTrial) {
                    checked.withArray("onTrial").add("network");
                }
                return new Done(checked);
            }
            case "put" -> {
                boolean isSame = kept.equals(wish);
                if (isOnTrial) {
                    trial = Optional.of(wish);
                } else if (!isSame) {
                    kept = wish;
                    version++;
                }
                ObjectNode shown = shown();
                shown.putArray("changed");
                if (!isSame) {
                    shown.withArray("changed").add("something");
                }
                return new Done(shown);
            }
            case "confirm" -> {
                kept = trial.orElseThrow();
                trial = Optional.empty();
                version++;
            }
            case "upgrade-state", "previous" -> {
                return new Done(slots());
            }
            case "upgrade" -> {
                try (Stream<Path> found = Files.walk(Path.of(bundleFolder))) {
                    taken = found.filter(Files::isRegularFile)
                            .map(file ->
                                    file.getFileName() + " " + file.toFile().length())
                            .toList();
                }
                options = question.toString();
                upgrade = "waiting";
                return new Done(slots());
            }
            case "revert" -> trial = Optional.empty();
            default -> {}
        }
        return new Done(shown());
    }

    private ObjectNode slots() {
        ObjectNode slots = JsonMapper.shared().createObjectNode();
        slots.putObject("upgrade").put("state", upgrade);
        return slots.put("version", "1.0.0")
                .put("slot", "A")
                .put("nextSlot", "A")
                .put("canReturn", false);
    }

    private ObjectNode shown() {
        ObjectNode shown = JsonMapper.shared().createObjectNode();
        shown.put("version", version).put("settled", true);
        shown.set("settings", kept);
        ArrayNode warnings = shown.putArray("warnings");
        warning.ifPresent(code -> warnings.addObject().put("code", code).put("detail", "look at it"));
        trial.ifPresent(settings -> {
            shown.putObject("trial").put("secondsLeft", 100).set("settings", settings);
        });
        return shown;
    }
}
