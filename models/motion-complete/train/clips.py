"""Motion recordings of CMU in their several forms as one body: global rotations of 15 segments that are none in a T-pose, y up, facing z, x to the left."""

import glob
import gzip
import json
import os

import numpy as np

import rotation

SEGMENTS = ("pelvis", "spine", "chest", "neck", "head", "left-upper-arm", "right-upper-arm", "left-forearm", "right-forearm",
            "left-thigh", "right-thigh", "left-shank", "right-shank", "left-foot", "right-foot")  # fmt: skip
PARENTS = (-1, 0, 1, 2, 3, 2, 2, 5, 6, 0, 0, 9, 10, 11, 12)
MIRRORED = (0, 1, 2, 3, 4, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13)
RATE_HZ = 30
CMU_UNIT_M = 0.0254 / 0.45
JOINTS = ("Hips", "Spine", "Spine1", "Neck1", "Head", "LeftArm", "RightArm", "LeftForeArm", "RightForeArm", "LeftUpLeg", "RightUpLeg", "LeftLeg", "RightLeg", "LeftFoot", "RightFoot")
FULL = ("Hips", "LHipJoint", "LeftUpLeg", "LeftLeg", "LeftFoot", "LeftToeBase", "", "RHipJoint", "RightUpLeg", "RightLeg", "RightFoot", "RightToeBase", "",
        "LowerBack", "Spine", "Spine1", "Neck", "Neck1", "Head")  # fmt: skip


class Clip:
    """rotations [n, 15, 3, 3] and root [n, 3] in m at 30 Hz; offsets [15, 3] in m of each segment's first joint in its parent; known = segments that the form really has."""

    def __init__(self, name, subject, rotations, root, offsets, known=None):
        self.name, self.subject, self.rotations, self.root, self.offsets = name, subject, rotations, root, offsets
        self.known = np.ones(len(SEGMENTS), bool) if known is None else known

    def __len__(self):
        return len(self.rotations)


def at_rate(rotations, root, rate_hz):
    """At 30 Hz: between two frames the turn is cut evenly (slerp)."""
    places = np.arange(0, len(root) - 1 + 1e-9, rate_hz / RATE_HZ)
    low = np.minimum(places.astype(int), len(root) - 2)
    part = (places - low)[:, None]
    a, b = rotation.to_quaternion(rotations[low]), rotation.to_quaternion(rotations[low + 1])
    dot = (a * b).sum(-1, keepdims=True)
    b, dot = b * np.where(dot < 0, -1, 1), np.clip(np.abs(dot), 0, 1)
    angle = np.arccos(dot)
    even = np.sin(angle) < 1e-6
    wide = np.where(even, 1, np.sin(angle))
    share = part[:, None]
    mixed = np.where(even, a + share * (b - a), (np.sin((1 - share) * angle) * a + np.sin(share * angle) * b) / wide)
    return rotation.of_quaternion(mixed), root[low] * (1 - part) + root[low + 1] * part


def straightened(rotations, thigh_offsets):
    """CMU's skeletons stand with their legs apart at no rotation; a T-pose has them straight. → rotations, the turns [15, 3, 3] that do it."""
    turns = np.tile(np.eye(3), (len(SEGMENTS), 1, 1))
    for side, (x, y, _) in enumerate(thigh_offsets):
        for segment in (9 + side, 11 + side, 13 + side):
            turns[segment] = rotation.about(2, -np.arctan2(x, -y))
    return rotations @ np.swapaxes(turns, -1, -2), turns


def flattened(rotations, degrees):
    """In place. Feet of the forms stand steeper than those of the same trials in BVH: found by laying such trials over each other, as are the turns in `deepmimic`."""
    rotations[:, 13:] = rotations[:, 13:] @ rotation.about(0, np.radians(degrees))


def body_offsets(ends, turns):
    """First joints of the segments in the T-pose of a skeleton, from `ends`: segment → offset from its parent's first joint at no rotation."""
    return np.array([turns[max(p, 0)] @ ends[s] for s, p in enumerate(PARENTS)])


def read_bvh(path):
    """→ names, parents, offsets, global rotations by joint [n, joints, 3, 3], root [n, 3], rate; units as in the file."""
    with gzip.open(path, "rt") as f:
        head, motion = f.read().split("MOTION")
    names, parents, offsets, channels, stack = [], [], [], [], []
    for line in head.splitlines():
        words = line.split()
        if not words:
            continue
        if words[0] in ("ROOT", "JOINT"):
            parents.append(stack[-1] if stack else -1)
            names.append(words[1])
            offsets.append(np.zeros(3))
            channels.append([])
            pending = len(names) - 1
        elif words[0] == "End":
            pending = None
        elif words[0] == "{":
            stack.append(pending)
        elif words[0] == "}":
            stack.pop()
        elif words[0] == "OFFSET" and stack[-1] is not None:
            offsets[stack[-1]] = np.array(words[1:4], float)
        elif words[0] == "CHANNELS":
            channels[stack[-1]] = words[2:]
    lines = motion.split("\n")
    frame_s = next(float(line.split(":")[1]) for line in lines if line.startswith("Frame Time"))
    rows = np.array([line.split() for line in lines if line.strip() and line.strip()[0] in "-.0123456789"], float)
    turned, at, root = [], 0, np.zeros((len(rows), 3))
    for joint, own in enumerate(channels):
        r = np.tile(np.eye(3), (len(rows), 1, 1))
        for channel in own:
            if channel.endswith("rotation"):
                r = r @ rotation.about("XYZ".index(channel[0]), np.radians(rows[:, at]))
            elif joint == 0:
                root[:, "XYZ".index(channel[0])] = rows[:, at]
            at += 1
        turned.append(r if parents[joint] < 0 else turned[parents[joint]] @ r)
    return names, parents, np.array(offsets), np.stack(turned, 1), root, 1 / frame_s


def cmu_bvh(path):
    names, parents, offsets, turned, root, rate = read_bvh(path)
    chosen = [names.index(j) for j in JOINTS]
    rotations, turns = straightened(turned[:, chosen], [offsets[names.index(j)] for j in ("LeftLeg", "RightLeg")])
    rotations, root = at_rate(rotations, root * CMU_UNIT_M, rate)
    return rotations, root, body_offsets(joined(chosen, parents, offsets), turns) * CMU_UNIT_M


def joined(chosen, parents, offsets):
    """Of each segment what lies between its first joint and its parent's, joints that are no segment included."""
    ends = []
    for segment, joint in enumerate(chosen):
        total = np.zeros(3)
        while joint >= 0 and PARENTS[segment] >= 0 and joint != chosen[PARENTS[segment]]:
            total = total + offsets[joint]
            joint = parents[joint]
        ends.append(total)
    return np.array(ends)


def skeleton(folder):
    with open(f"{folder}/expmap-8actions/skeleton.json") as f:
        read = json.load(f)
    parents, offsets = read["parent"], np.array(read["offset"])
    chosen = [FULL.index(j) if j in FULL else {"LeftArm": 21, "LeftForeArm": 22, "RightArm": 30, "RightForeArm": 31}[j] for j in JOINTS]
    return parents, offsets, chosen


def expmap(folder, path, frame):
    parents, offsets, chosen = frame
    with gzip.open(path, "rt") as f:
        rows = np.array([line.split(",") for line in f if line.strip()], float)
    local = rotation.of_vector(-rows[:, 3:].reshape(len(rows), -1, 3))
    turned = []
    for joint, parent in enumerate(parents):
        turned.append(local[:, joint] if parent < 0 else turned[parent] @ local[:, joint])
    rotations, turns = straightened(np.stack([turned[j] for j in chosen], 1), [offsets[3], offsets[9]])
    flattened(rotations, 21)
    rotations, root = at_rate(rotations, rows[:, :3] * CMU_UNIT_M, 60)
    return rotations, root, body_offsets(joined(chosen, parents, offsets), turns) * CMU_UNIT_M


DEEPMIMIC = {"chest": 8, "neck": 12, "right-thigh": 16, "right-shank": 20, "right-foot": 21, "right-upper-arm": 25, "right-forearm": 29,
             "left-thigh": 30, "left-shank": 34, "left-foot": 35, "left-upper-arm": 39, "left-forearm": 43}  # fmt: skip
# Axes about which elbows bend, left and right.
ELBOWS = ((0.0, -(0.75**0.5), 0.5), (0.0, 0.75**0.5, -0.5))


def deepmimic(path, offsets):
    """x forward, y up, z right, arms hanging at no rotation; no spine apart from the chest; the neck follows the head."""
    with gzip.open(path, "rt") as f:
        rows = np.array(json.load(f)["Frames"], float)
    to = np.array([[0, 0, -1], [0, 1, 0], [1, 0, 0]], float)
    at = lambda name: rows[:, DEEPMIMIC[name] : DEEPMIMIC[name] + 4]
    hinge = lambda name: rotation.about(2, rows[:, DEEPMIMIC[name]])
    g = {"pelvis": rotation.of_quaternion(rows[:, 4:8])}
    g["chest"] = g["pelvis"] @ rotation.of_quaternion(at("chest"))
    g["head"] = g["chest"] @ rotation.of_quaternion(at("neck"))
    g["spine"], g["neck"] = g["chest"], g["head"]
    for side in ("left", "right"):
        g[f"{side}-thigh"] = g["pelvis"] @ rotation.of_quaternion(at(f"{side}-thigh"))
        g[f"{side}-shank"] = g[f"{side}-thigh"] @ hinge(f"{side}-shank")
        g[f"{side}-foot"] = g[f"{side}-shank"] @ rotation.of_quaternion(at(f"{side}-foot"))
        g[f"{side}-upper-arm"] = g["chest"] @ rotation.of_quaternion(at(f"{side}-upper-arm"))
        g[f"{side}-forearm"] = g[f"{side}-upper-arm"] @ hinge(f"{side}-forearm")
    rotations = to @ np.stack([g[s] for s in SEGMENTS], 1) @ to.T
    for side, sign in ((0, -1), (1, 1)):
        for segment in (5 + side, 7 + side):
            rotations[:, segment] = rotations[:, segment] @ rotation.about(2, sign * np.pi / 2)
        # Its elbows bend about another axis than those of the other forms, 30° off about the length of the arm: forearms lay 20 to 46° off in the same trials.
        bend = np.abs(rows[:, DEEPMIMIC["left-forearm" if side == 0 else "right-forearm"]])
        rotations[:, 7 + side] = rotations[:, 5 + side] @ rotation.of_vector(bend[:, None] * np.array(ELBOWS[side]))
    flattened(rotations, 23)
    rotations[:, 3] = rotations[:, 4] @ rotation.about(0, np.radians(-20))
    rotations[:, 4] = rotations[:, 4] @ rotation.about(0, np.radians(-13))
    frame_s = np.median(rows[:-1, 0])
    rotations, root = at_rate(rotations, rows[:, 1:4] @ to.T, 1 / frame_s)
    known = np.array([s != "spine" for s in SEGMENTS])
    return rotations, root, offsets, known


AMC = {"pelvis": [], "spine": ["lowerback", "upperback"], "chest": ["lowerback", "upperback", "thorax"]}
AMC_AXES = {"femur": (0, 0, 20), "tibia": (0, 0, 20), "foot": (-90, 0, 20), "clavicle": (0, 0, 0), "humerus": (180, -30, -90), "radius": (180, -30, -90)}
AMC_DOFS = {"tibia": "x", "foot": "xz", "clavicle": "yz", "radius": "x"}


def amc(path, frame):
    """Raw angles of CMU's acquisition with the axes that its skeletons have in common; bone lengths are those of another of its skeletons."""
    _, _, offsets = frame
    poses, now = [], {}
    with gzip.open(path, "rt") as f:
        for line in f:
            words = line.split()
            if len(words) == 1 and words[0].isdigit():
                now = {}
                poses.append(now)
            elif words and words[0][0] not in "#:":
                now[words[0]] = np.array(words[1:], float)
    column = lambda bone: np.array([p[bone] for p in poses])
    euler = lambda degrees: rotation.about(2, np.radians(degrees[..., 2])) @ rotation.about(1, np.radians(degrees[..., 1])) @ rotation.about(0, np.radians(degrees[..., 0]))

    def local(bone):
        kind = bone[1:] if bone[0] in "lr" and bone[1:] in AMC_AXES else bone
        given, dofs = column(bone), AMC_DOFS.get(kind, "xyz")
        angles = np.zeros((len(poses), 3))
        for i, dof in enumerate(dofs):
            angles[:, "xyz".index(dof)] = given[:, i]
        axis = np.array(AMC_AXES.get(kind, (0, 0, 0)), float)
        if bone[0] == "r" and kind != bone:
            axis[1:] = -axis[1:]
        frame = euler(axis)
        return frame @ euler(angles) @ frame.T

    root = column("root")
    g = {"pelvis": euler(root[:, 3:])}
    low = g["pelvis"] @ local("lowerback")
    g["spine"] = low @ local("upperback")
    g["chest"] = g["spine"] @ local("thorax")
    low = g["chest"] @ local("lowerneck")
    g["neck"] = low @ local("upperneck")
    g["head"] = g["neck"] @ local("head")
    for side, letter in (("left", "l"), ("right", "r")):
        g[f"{side}-thigh"] = g["pelvis"] @ local(f"{letter}femur")
        g[f"{side}-shank"] = g[f"{side}-thigh"] @ local(f"{letter}tibia")
        g[f"{side}-foot"] = g[f"{side}-shank"] @ local(f"{letter}foot")
        g[f"{side}-upper-arm"] = g["chest"] @ local(f"{letter}clavicle") @ local(f"{letter}humerus")
        g[f"{side}-forearm"] = g[f"{side}-upper-arm"] @ local(f"{letter}radius")
    splay = np.tan(np.radians(20))
    rotations, _ = straightened(np.stack([g[s] for s in SEGMENTS], 1), [(splay, -1, 0), (-splay, -1, 0)])
    flattened(rotations, 21)
    rotations, root = at_rate(rotations, root[:, :3] * CMU_UNIT_M, 120)
    return rotations, root, offsets


# Trials of these are in bvh-iclone too, by which the model is judged: found by laying knees and elbows over each other.
JUDGED = {1, 2, 3, 5, 6, 7}
# By these the training is watched and a seed chosen; nothing is learnt from them.
WATCHED = {16, 49, 85}
EXPMAP_LEFT_OUT = ("basketball_1", "basketball_2", "basketball_3", "basketball_4", "basketball_5", "walking_")


def for_training(data):
    """Clips of subjects that nobody is judged by, of forms whose licence lets a product learn from them → to learn from, to watch by."""
    folder = f"{data}/motion/cmu-mocap"
    frame = skeleton(folder)
    found = []
    for path in sorted(glob.glob(f"{folder}/expmap-8actions/t*/*.csv.gz")):
        name = os.path.basename(path)[:-7]
        if not name.startswith(EXPMAP_LEFT_OUT):
            found.append(Clip(f"expmap-8actions/{path.split(os.sep)[-2]}/{name}", None, *expmap(folder, path, frame)))
    body = found[0].offsets
    for path in sorted(glob.glob(f"{folder}/deepmimic-format/*.json.gz")):
        name = os.path.basename(path)[:-8]
        if int(name.split("_")[0]) not in JUDGED:
            found.append(Clip(f"deepmimic-format/{name}", name.split("_")[0], *deepmimic(path, body)))
    for path in sorted(glob.glob(f"{folder}/exercise-amc/*.amc.gz")):
        name = os.path.basename(path)[:-7]
        found.append(Clip(f"exercise-amc/{name}", name.split("_")[0], *amc(path, (0, 0, body))))
    found = [clip for clip in found if len(clip) >= 20]
    is_watched = lambda clip: clip.subject is not None and int(clip.subject) in WATCHED
    return [clip for clip in found if not is_watched(clip)], [clip for clip in found if is_watched(clip)]
