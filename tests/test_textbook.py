"""Textbook pictures: each common cause, as a textbook tells it, leads the list and stands at least as high as it should.

They were written from general knowledge before looking at which rules fire, and are no patients. A picture that no
longer leads means that a rule has lost its balance; change the rule only for a reason that holds for many patients.
"""

import pytest

from pathways.facts import project
from pathways.judged import Judged
from pathways.reading import build_case
from pathways.standing import ORDER
from rules.yamlfile import YamlFile

TEXTBOOK = """
recurrent_disc_herniation:
  after_a_year: [probable, {surgery: [{procedure: discectomy, levels: [L4-L5], side: left, months_ago: 14}], course: {relief: good, pain_free_months: 12, onset: sudden, after_lifting_or_strain: yes}, pain: {predominant: leg, radicular: yes, side: left, root: L5, worse_cough: yes}, exam: {slr_positive: yes, slr_degrees: 30}, imaging: [{modality: mri, contrast: yes, findings: {disc_herniation: {levels: [L4-L5], side: left}}}]}]
  before_imaging: [probable, {surgery: [{procedure: discectomy, levels: [L5-S1], months_ago: 20}], course: {relief: good, pain_free_months: 18, onset: sudden}, pain: {predominant: leg, radicular: yes, side: right, root: S1, worse_sitting: yes}, exam: {slr_positive: yes, reflex_reduced: yes}}]
  three_months_sneeze: [probable, {surgery: [{procedure: discectomy, levels: [L4-L5], months_ago: 3}], course: {relief: good, pain_free_months: 2.5, onset: sudden}, pain: {predominant: leg, radicular: yes, side: left}, imaging: [{modality: mri, findings: {disc_herniation_large_or_sequestrated: [L4-L5], disc_herniation: [L4-L5]}}]}]
residual_disc_fragment:
  never_better: [probable, {surgery: [{procedure: discectomy, levels: [L5-S1], months_ago: 2}], course: {relief: none, onset: never_left, compared_with_before: same}, pain: {predominant: leg, radicular: yes, side: left, root: S1}, exam: {slr_positive: yes}, imaging: [{modality: mri, findings: {residual_fragment: {levels: [L5-S1], side: left}}}]}]
  endoscopic_incomplete: [probable, {surgery: [{procedure: endoscopic_discectomy, levels: [L4-L5], months_ago: 1}], course: {relief: none}, pain: {predominant: leg, leg: yes, radicular: yes, side: right}, imaging: [{modality: mri, findings: {disc_herniation: [L4-L5], similar_to_preop: yes}}]}]
  migrated_missed: [probable, {surgery: [{procedure: discectomy, levels: [L4-L5], months_ago: 4}], course: {onset: never_left, compared_with_before: same}, pain: {predominant: leg, radicular: yes, root: L5, side: left}, exam: {motor_grade: 4, slr_positive: yes}, imaging: [{modality: mri, contrast: yes, findings: {residual_fragment: [L4-L5]}}]}]
foraminal_stenosis:
  left_untouched: [probable, {surgery: [{procedure: laminectomy, levels: [L4-L5], months_ago: 10}], course: {relief: none}, pain: {predominant: leg, radicular: yes, side: left, root: L5, worse_standing: yes, worse_extension: yes}, exam: {extension_rotation_painful: yes, slr_positive: no}, imaging: [{modality: mri, findings: {foraminal_stenosis: {levels: [L5-S1], side: left}}}]}]
  disc_height_lost: [probable, {surgery: [{procedure: discectomy, levels: [L4-L5], months_ago: 60}], course: {relief: good, pain_free_months: 40, onset: gradual}, pain: {predominant: leg, radicular: yes, side: right, root: L4, worse_standing: yes, worse_walking: yes}, imaging: [{modality: ct, findings: {foraminal_stenosis: {levels: [L4-L5], side: right}}}, {modality: xray, findings: {disc_height_loss: [L4-L5]}}]}]
  other_side_after_cage: [probable, {surgery: [{procedure: tlif, levels: [L4-L5], unilateral: yes, months_ago: 3}], course: {relief: good, compared_with_before: different}, pain: {predominant: leg, radicular: yes, side: right, root: L4, opposite_to_surgery_side: yes}, imaging: [{modality: mri, findings: {foraminal_stenosis: {levels: [L4-L5], side: right}}}]}]
central_stenosis:
  regrown: [probable, {person: {age: 75}, surgery: [{procedure: laminectomy, levels: [L3-L4, L4-L5], months_ago: 96}], course: {relief: good, pain_free_months: 72, onset: gradual}, pain: {predominant: leg, leg: yes, side: bilateral, claudication: yes, eased_sitting_or_flexion: yes}, imaging: [{modality: mri, findings: {central_stenosis: [L4-L5]}}]}]
  untouched_after_small_decompression: [probable, {person: {age: 72}, surgery: [{procedure: laminotomy, levels: [L4-L5], months_ago: 8}], course: {relief: none, compared_with_before: same}, pain: {predominant: leg, leg: yes, claudication: yes, better_with_shopping_cart: yes, side: bilateral}, imaging: [{modality: mri, findings: {central_stenosis: [L4-L5], similar_to_preop: yes}}]}]
  clinical_only: [possible, {person: {age: 78}, surgery: [{procedure: laminectomy, levels: [L4-L5], months_ago: 60}], pain: {predominant: leg, leg: yes, claudication: yes, eased_sitting_or_flexion: yes, side: bilateral}}]
epidural_fibrosis:
  scar_nerves_free: [possible, {surgery: [{procedure: discectomy, levels: [L5-S1], side: left, months_ago: 14}], course: {relief: partial, pain_free_months: 3, onset: gradual}, pain: {predominant: leg, radicular: yes, side: left, root: S1, constant: yes, burning: yes}, imaging: [{modality: mri, contrast: yes, findings: {epidural_scar: {levels: [L5-S1], side: left}, adequate_decompression: yes, disc_herniation: no}}]}]
  repeated_operations: [possible, {surgery: [{procedure: discectomy, levels: [L4-L5], months_ago: 60}, {procedure: discectomy, levels: [L4-L5], months_ago: 36}, {procedure: laminectomy, levels: [L4-L5], months_ago: 18}], course: {onset: gradual, pain_free_months: 4, symptoms_better_after_reoperation_then_back: yes}, pain: {predominant: leg, radicular: yes, constant: yes}, imaging: [{modality: mri, contrast: yes, findings: {extensive_scar: yes, disc_herniation: no}}]}]
  epiduroscopy: [confirmed, {surgery: [{procedure: discectomy, levels: [L5-S1], months_ago: 24}], course: {onset: gradual}, pain: {predominant: leg, radicular: yes}, outcomes: {epiduroscopy_concordant_scar: yes}, imaging: [{modality: mri, findings: {epidural_scar: yes}}]}]
arachnoiditis:
  clumped_roots: [probable, {surgery: [{procedure: laminectomy, levels: [L4-L5], months_ago: 60}, {procedure: posterolateral_fusion, levels: [L4-S1], months_ago: 36}], pain: {predominant: leg, leg: yes, side: bilateral, burning: yes, constant: yes, tingling_or_numbness: yes}, imaging: [{modality: mri, findings: {nerve_root_clumping: yes, clumping_only_at_stenosis: no}}]}]
  empty_sac: [probable, {surgery: [{procedure: laminectomy, levels: [L3-L5], months_ago: 120}], course: {durotomy: yes}, pain: {predominant: leg, leg: yes, side: bilateral, burning: yes}, imaging: [{modality: mri, findings: {nerve_root_clumping: yes}}]}]
synovial_or_disc_cyst:
  facet_cyst_after_decompression: [probable, {person: {age: 68}, surgery: [{procedure: laminectomy, levels: [L4-L5], months_ago: 10}], course: {relief: good, pain_free_months: 7, onset: gradual}, pain: {predominant: leg, radicular: yes, side: left, root: L5}, imaging: [{modality: mri, findings: {facet_cyst: {levels: [L4-L5], side: left}}}]}]
  pseudocyst_after_endoscopy: [probable, {person: {age: 24}, surgery: [{procedure: endoscopic_discectomy, levels: [L4-L5], months_ago: 1.5}], course: {relief: good, pain_free_months: 1}, pain: {predominant: leg, radicular: yes, side: right}, imaging: [{modality: mri, findings: {disc_cyst: [L4-L5]}}]}]
heterotopic_bone:
  bmp_in_foramen: [probable, {surgery: [{procedure: tlif, levels: [L5-S1], months_ago: 7}], course: {bmp_used: yes, relief: good, pain_free_months: 4, onset: gradual}, pain: {predominant: leg, radicular: yes, side: left, root: L5}, imaging: [{modality: ct, findings: {heterotopic_bone: {levels: [L5-S1], side: left}}}]}]
pseudarthrosis:
  two_years_no_bridging: [probable, {surgery: [{procedure: posterolateral_fusion, levels: [L4-S1], instrumented: yes, months_ago: 24}], course: {relief: partial}, conditions: {smoking: yes}, pain: {predominant: back, back: yes, mechanical: yes, worse_rising: yes, eased_lying: yes}, imaging: [{modality: ct, findings: {no_bridging: [L5-S1]}}]}]
  loose_screws_at_14_months: [probable, {surgery: [{procedure: tlif, levels: [L4-L5], months_ago: 14}], course: {relief: partial, onset: gradual}, pain: {predominant: back, back: yes, mechanical: yes}, imaging: [{modality: ct, findings: {no_bridging: [L4-L5], screw_lucency: yes}}]}]
  motion_and_uptake: [probable, {surgery: [{procedure: posterolateral_fusion, levels: [L4-L5], months_ago: 18}], pain: {predominant: back, back: yes, mechanical: yes, midline: yes}, imaging: [{modality: ct, findings: {no_bridging: yes}}, {modality: dynamic, findings: {abnormal_motion: [L4-L5]}}, {modality: nuclear, findings: {spect_ct_done: yes, uptake_at_pseudarthrosis: yes}}]}]
hardware_failure:
  screw_in_the_canal: [probable, {surgery: [{procedure: posterolateral_fusion, levels: [L4-L5], instrumented: yes, months_ago: 0.07}], course: {onset: immediate, compared_with_before: different}, pain: {predominant: leg, radicular: yes, side: left, root: L5}, exam: {motor_deficit_new: yes, motor_grade: 3}, imaging: [{modality: ct, findings: {screw_breach_medial_or_inferior: {levels: [L5], side: left}, screw_breach: yes}}]}]
  prominent_screw: [probable, {surgery: [{procedure: posterolateral_fusion, levels: [L4-L5], instrumented: yes, months_ago: 30}], pain: {predominant: back, back: yes, over_implant: yes}, exam: {implant_tenderness: yes}, blocks: [{kind: hardware, relief_percent: 80}], imaging: [{modality: ct, findings: {fusion_solid: yes}}]}]
  cage_back_out: [probable, {surgery: [{procedure: plif, levels: [L4-L5], months_ago: 2}], course: {relief: good, pain_free_months: 1, onset: sudden}, pain: {predominant: leg, radicular: yes, side: left}, imaging: [{modality: ct, findings: {cage_in_canal: [L4-L5], cage_migration: [L4-L5]}}]}]
adjacent_segment_disease:
  stenosis_above_five_years: [probable, {person: {age: 66}, surgery: [{procedure: posterolateral_fusion, levels: [L4-S1], instrumented: yes, months_ago: 60}], course: {relief: good, pain_free_months: 54, onset: gradual, compared_with_before: different}, pain: {predominant: leg, leg: yes, claudication: yes, eased_sitting_or_flexion: yes}, imaging: [{modality: mri, findings: {central_stenosis: [L3-L4]}}]}]
  herniation_above: [probable, {surgery: [{procedure: tlif, levels: [L4-L5], months_ago: 84}], course: {relief: good, pain_free_months: 80, onset: sudden}, pain: {predominant: leg, radicular: yes, root: L4, side: right, anterior_thigh: yes}, exam: {femoral_stretch_positive: yes}, imaging: [{modality: mri, findings: {disc_herniation: {levels: [L3-L4], side: right}}}]}]
  slip_above: [probable, {surgery: [{procedure: plif, levels: [L4-L5], months_ago: 96}], course: {relief: good, pain_free_months: 80}, pain: {predominant: both, back: yes, leg: yes, claudication: yes}, imaging: [{modality: xray, findings: {slip_new_or_increased: [L3-L4]}}, {modality: mri, findings: {central_stenosis: [L3-L4]}}]}]
junctional_failure:
  long_construct_early: [probable, {person: {age: 70}, conditions: {osteoporosis: yes}, surgery: [{procedure: deformity_correction, levels: [T10-S1], to_pelvis: yes, months_ago: 3}], course: {onset: sudden, compared_with_before: different}, pain: {predominant: back, back: yes, top_of_construct: yes}, imaging: [{modality: xray, findings: {proximal_junctional_angle_change: 22}}]}]
  new_kyphosis: [probable, {person: {age: 68}, surgery: [{procedure: deformity_correction, levels: [T11-S1], months_ago: 8}], pain: {predominant: back, back: yes, top_of_construct: yes}, exam: {kyphosis_new: yes, forward_lean: yes}}]
  fracture_above: [probable, {person: {age: 74}, surgery: [{procedure: posterolateral_fusion, levels: [T10-L5], instrumented: yes, months_ago: 2}], pain: {predominant: back, back: yes, top_of_construct: yes}, imaging: [{modality: ct, findings: {vertebral_fracture: [T10]}}, {modality: xray, findings: {proximal_junctional_angle_change: 15}}]}]
instability:
  slip_after_laminectomy: [probable, {surgery: [{procedure: laminectomy, levels: [L4-L5], months_ago: 18}], course: {relief: good, pain_free_months: 8, onset: gradual}, pain: {predominant: back, back: yes, mechanical: yes, catching: yes}, imaging: [{modality: xray, findings: {slip_new_or_increased: [L4-L5]}}, {modality: dynamic, findings: {translation_mm: 5, abnormal_motion: [L4-L5]}}]}]
  signs_and_films: [probable, {surgery: [{procedure: facetectomy, levels: [L4-L5], months_ago: 12}], pain: {predominant: back, back: yes, mechanical: yes, worse_rising: yes}, exam: {passive_lumbar_extension_positive: yes, flexion_catch: yes}, imaging: [{modality: dynamic, findings: {translation_mm: 4.5}}]}]
  pars_fracture: [probable, {surgery: [{procedure: laminectomy, levels: [L4-L5], months_ago: 9}], course: {relief: good, pain_free_months: 5, onset: sudden}, pain: {predominant: back, back: yes, mechanical: yes}, imaging: [{modality: ct, findings: {pars_fracture: [L4-L5]}}]}]
sagittal_malalignment:
  flatback: [probable, {person: {age: 66}, surgery: [{procedure: posterolateral_fusion, levels: [L2-S1], instrumented: yes, months_ago: 40}], pain: {predominant: back, back: yes, worse_standing: yes, worse_walking: yes, worse_through_day: yes, eased_lying: yes}, exam: {forward_lean: yes}, imaging: [{modality: xray, findings: {pi_minus_ll: 28, pelvic_tilt: 32, sva_mm: 110}}]}]
  short_fusion_fused_flat: [probable, {surgery: [{procedure: plif, levels: [L4-S1], months_ago: 30}], pain: {predominant: back, back: yes, worse_standing: yes, worse_through_day: yes, eased_lying: yes}, exam: {forward_lean: yes}, imaging: [{modality: xray, findings: {pi_minus_ll: 22}}]}]
vertebral_or_sacral_fracture:
  sacrum_week_six: [confirmed, {person: {age: 73, sex: female}, conditions: {osteoporosis: yes}, surgery: [{procedure: posterolateral_fusion, levels: [L2-S1], instrumented: yes, months_ago: 1.5}], course: {relief: good, onset: sudden, compared_with_before: different}, pain: {predominant: back, back: yes, both_buttocks: yes, worse_weight_bearing: yes}, exam: {sacral_tenderness: yes}, imaging: [{modality: mri, findings: {sacral_fracture: yes}}]}]
  sacrum_before_imaging: [probable, {person: {age: 76, sex: female}, conditions: {osteoporosis: yes}, surgery: [{procedure: posterolateral_fusion, levels: [L3-S1], instrumented: yes, months_ago: 2}], course: {relief: good, onset: sudden, compared_with_before: different}, pain: {predominant: back, back: yes, buttock_below_l5: yes, worse_weight_bearing: yes}, exam: {sacral_tenderness: yes}}]
  fresh_compression_fracture: [confirmed, {person: {age: 78}, conditions: {osteoporosis: yes}, surgery: [{procedure: laminectomy, levels: [L4-L5], months_ago: 30}], course: {onset: sudden, after_fall_or_trauma: yes, compared_with_before: different}, pain: {predominant: back, back: yes, midline: yes}, exam: {percussion_tenderness: yes}, imaging: [{modality: mri, findings: {vertebral_fracture: [L1], stir_edema_absent: no}}]}]
facet_pain:
  dual_blocks: [confirmed, {surgery: [{procedure: laminectomy, levels: [L4-L5], months_ago: 24}], pain: {predominant: back, back: yes, paravertebral: yes, radicular: no}, exam: {neuro_normal: yes, extension_rotation_painful: yes}, blocks: [{kind: medial_branch, count: 2, relief_percent: 85}]}]
  one_block: [probable, {surgery: [{procedure: discectomy, levels: [L4-L5], months_ago: 30}], pain: {predominant: back, back: yes, paravertebral: yes, radicular: no, below_knee: no, worse_extension: yes}, exam: {neuro_normal: yes, facet_tenderness: yes}, blocks: [{kind: medial_branch, count: 1, relief_percent: 85}]}]
sacroiliac_joint_pain:
  after_s1_fusion: [probable, {surgery: [{procedure: posterolateral_fusion, levels: [L4-S1], months_ago: 24}], course: {relief: good, pain_free_months: 8, compared_with_before: different}, pain: {predominant: back, back: yes, buttock_below_l5: yes, side: left, radicular: no}, exam: {sij_tests_positive: 4, sij_tests_done: 5, fortin_finger: yes}, blocks: [{kind: sacroiliac, relief_percent: 80}]}]
  clinical: [probable, {surgery: [{procedure: tlif, levels: [L5-S1], months_ago: 18}], course: {relief: good, pain_free_months: 6, compared_with_before: different}, pain: {predominant: back, back: yes, buttock_below_l5: yes, side: right, worse_rising: yes}, exam: {sij_tests_positive: 4, sij_tests_done: 6, fortin_finger: yes, neuro_normal: yes}}]
discogenic_pain:
  modic_midline: [probable, {surgery: [{procedure: discectomy, levels: [L5-S1], months_ago: 24}], course: {relief: good}, pain: {predominant: back, back: yes, midline: yes, worse_sitting: yes, worse_flexion: yes, radicular: no}, exam: {centralization: yes, neuro_normal: yes}, imaging: [{modality: mri, findings: {modic_1: [L5-S1], disc_degeneration: [L5-S1]}}]}]
infection:
  discitis_three_weeks: [probable, {surgery: [{procedure: discectomy, levels: [L4-L5], months_ago: 0.75}], course: {relief: good, onset: gradual, trend: worsening}, pain: {predominant: back, back: yes, at_rest_or_night: yes, jolt_or_spasm: yes}, labs: {crp: 85 mg/L, esr: 92}}]
  discitis_on_mri: [probable, {surgery: [{procedure: discectomy, levels: [L5-S1], months_ago: 1.2}], course: {relief: good, onset: gradual}, pain: {predominant: back, back: yes, back_intensity: 9}, labs: {inflammation_raised: yes}, imaging: [{modality: mri, findings: {disc_infection_pattern: [L5-S1]}}]}]
  wound_week_two: [probable, {conditions: {diabetes: yes}, surgery: [{procedure: tlif, levels: [L4-L5], months_ago: 0.5}], pain: {predominant: back, back: yes}, symptoms: {fever: yes, wound_discharge: yes}, labs: {crp: 140 mg/L}}]
  late_low_grade: [probable, {surgery: [{procedure: posterolateral_fusion, levels: [L4-S1], instrumented: yes, months_ago: 12}], pain: {predominant: back, back: yes, at_rest_or_night: yes}, labs: {crp: 28 mg/L, esr: 60}, imaging: [{modality: ct, findings: {screw_lucency: yes}}]}]
epidural_hematoma:
  hours_after: [probable, {conditions: {anticoagulant: yes}, surgery: [{procedure: laminectomy, levels: [L3-L5], months_ago: 0.02}], course: {hours_to_onset: 8}, symptoms: {pain_escalating_after_surgery: yes, weakness_progressive: yes, weakness_new: yes, saddle_numbness: yes}, exam: {motor_grade: 2, motor_deficit_new: yes}}]
  shown: [confirmed, {surgery: [{procedure: laminectomy, levels: [L4-L5], months_ago: 0.07}], symptoms: {weakness_new: yes}, exam: {motor_grade: 3}, imaging: [{modality: mri, findings: {hematoma_compressive: yes}}]}]
pseudomeningocele:
  swelling_and_headache: [probable, {surgery: [{procedure: laminectomy, levels: [L4-L5], months_ago: 1}], course: {durotomy: yes}, pain: {predominant: back, back: yes}, symptoms: {postural_headache: yes, wound_swelling_fluctuant: yes}}]
  on_mri: [probable, {surgery: [{procedure: discectomy, levels: [L5-S1], months_ago: 3}], pain: {predominant: leg, radicular: yes, side: left}, symptoms: {postural_headache: yes}, imaging: [{modality: mri, findings: {csf_collection: [L5-S1]}}]}]
vascular_injury:
  cold_leg_after_anterior: [probable, {surgery: [{procedure: alif, levels: [L4-L5], months_ago: 0.02}], course: {onset: immediate}, pain: {predominant: leg, leg: yes, side: left}, symptoms: {cold_pulseless_leg: yes}, exam: {pulses_reduced: yes}}]
  bleed_after_discectomy: [probable, {surgery: [{procedure: discectomy, levels: [L4-L5], months_ago: 0.03}], symptoms: {collapse: yes, abdominal_distension: yes}, labs: {hemoglobin_drop: yes}, pain: {abdominal: yes}, imaging: [{modality: ct, findings: {retroperitoneal_hematoma: yes}}]}]
venous_thromboembolism:
  swollen_calf: [probable, {person: {age: 68}, surgery: [{procedure: posterolateral_fusion, levels: [L3-S1], months_ago: 0.5}], pain: {predominant: leg, leg: yes, side: left, radicular: no}, symptoms: {calf_swelling: yes, leg_swelling: yes}, exam: {calf_circumference_difference_cm: 4}}]
nerve_root_injury:
  new_deficit_on_waking_nerves_free: [probable, {surgery: [{procedure: tlif, levels: [L4-L5], months_ago: 4}], course: {onset: immediate, compared_with_before: different}, pain: {predominant: leg, radicular: yes, root: L5, side: left, burning: yes, electric: yes, allodynia: yes}, exam: {sensory_dermatomal: yes, motor_grade: 4, motor_deficit_new: yes}, imaging: [{modality: mri, findings: {adequate_decompression: yes}}, {modality: ct, findings: {screw_breach: no}}]}]
  neuropathic_after_good_decompression: [probable, {surgery: [{procedure: discectomy, levels: [L5-S1], months_ago: 18}], course: {relief: none}, pain: {predominant: leg, radicular: yes, root: S1, side: right, burning: yes, tingling_or_numbness: yes, unchanged_by_posture: yes}, exam: {sensory_dermatomal: yes}, scores: {dn4: 7}, imaging: [{modality: mri, contrast: yes, findings: {adequate_decompression: yes, disc_herniation: no, epidural_scar: no}}]}]
complex_regional_pain_syndrome:
  foot_after_fusion: [probable, {surgery: [{procedure: tlif, levels: [L4-L5], months_ago: 3}], course: {compared_with_before: different}, pain: {predominant: leg, leg: yes, radicular: no, foot_or_distal_leg: yes, burning: yes, allodynia: yes}, symptoms: {leg_color_or_temperature_change: yes, leg_sweating_or_edema: yes, leg_trophic_or_stiff: yes}, exam: {temperature_asymmetry: yes, color_or_edema_asymmetry: yes, allodynia: yes, trophic_or_motor_signs: yes}}]
nociplastic_pain:
  widespread: [probable, {surgery: [{procedure: posterolateral_fusion, levels: [L4-L5], months_ago: 30}], pain: {predominant: both, back: yes, widespread: yes, allodynia: yes, radicular: no}, symptoms: {fatigue: yes, sleep_waking: yes, cognitive_problems: yes, sensory_hypersensitivity: yes, hypersensitivity_history: yes}, exam: {evoked_hypersensitivity_regional: yes, neuro_normal: yes}, scores: {csi: 62}, imaging: [{modality: mri, findings: {adequate_decompression: yes}}]}]
opioid_induced_hyperalgesia:
  rising_dose: [probable, {surgery: [{procedure: posterolateral_fusion, levels: [L4-S1], months_ago: 48}], course: {trend: worsening}, pain: {predominant: both, widespread: yes, allodynia: yes, rises_with_opioid_dose: yes, radicular: no}, medication: {opioid: yes, opioid_mme: 180, opioid_months: 24, opioid_helps_function: no}, imaging: [{modality: mri, findings: {adequate_decompression: yes}}]}]
myofascial_pain:
  trigger_points: [probable, {surgery: [{procedure: posterolateral_fusion, levels: [L4-L5], months_ago: 8}], course: {relief: good}, pain: {predominant: back, back: yes, paravertebral: yes, worse_through_day: yes, radicular: no}, exam: {trigger_points: yes, trunk_endurance_poor: yes, neuro_normal: yes}, imaging: [{modality: mri, findings: {adequate_decompression: yes, multifidus_atrophy: yes}}]}]
wrong_level_or_diagnosis:
  window_at_other_level: [confirmed, {surgery: [{procedure: discectomy, levels: [L4-L5], months_ago: 2}], course: {relief: none, onset: never_left, compared_with_before: same, wrong_level_shown: yes}, pain: {predominant: leg, radicular: yes, root: S1, side: left}, imaging: [{modality: mri, findings: {disc_herniation: [L5-S1], similar_to_preop: yes}}]}]
  doubtful_indication: [probable, {surgery: [{procedure: posterolateral_fusion, levels: [L4-L5], months_ago: 14}], course: {relief: none, onset: never_left, compared_with_before: same, indication_met: no, preop_imaging_matched_symptoms: no}, pain: {predominant: back, back: yes}, imaging: [{modality: ct, findings: {fusion_solid: yes}}]}]
malignancy:
  cancer_and_lesion: [probable, {person: {age: 66}, conditions: {cancer_history: yes}, surgery: [{procedure: laminectomy, levels: [L4-L5], months_ago: 30}], course: {trend: worsening, compared_with_before: different}, pain: {predominant: back, back: yes, at_rest_or_night: yes, unchanged_by_posture: yes}, symptoms: {weight_loss: yes, night_pain_unremitting: yes}, imaging: [{modality: mri, findings: {malignant_lesion: yes}}]}]
hip_disease:
  osteoarthritis: [probable, {person: {age: 70}, surgery: [{procedure: laminectomy, levels: [L4-L5], months_ago: 14}], course: {relief: partial}, pain: {predominant: leg, leg: yes, groin: yes, anterior_thigh: yes, radicular: no, worse_weight_bearing: yes}, exam: {hip_rotation_limited_painful: yes}, imaging: [{modality: hip_xray, findings: {hip_osteoarthritis: yes}}]}]
  trochanteric: [probable, {person: {age: 62, sex: female}, surgery: [{procedure: posterolateral_fusion, levels: [L4-S1], months_ago: 20}], pain: {predominant: leg, leg: yes, lateral_hip: yes, radicular: no}, exam: {trochanter_tender: yes, faber_lateral_pain: yes}}]
peripheral_nerve_entrapment:
  peroneal: [probable, {surgery: [{procedure: laminotomy, levels: [L4-L5], months_ago: 12}], course: {relief: partial}, pain: {predominant: leg, leg: yes, side: right, lateral_lower_leg_or_dorsum: yes, tingling_or_numbness: yes}, exam: {fibular_head_tinel: yes, sensory_peroneal_area: yes, slr_positive: no}}]
  meralgia: [probable, {surgery: [{procedure: posterolateral_fusion, levels: [L4-L5], months_ago: 0.5}], course: {onset: immediate, compared_with_before: different, relief: good}, pain: {anterior_thigh: yes, burning: yes, leg: yes, tingling_or_numbness: yes, predominant: leg}, exam: {sensory_lateral_thigh_only: yes, motor_deficit: no}}]
  cluneal: [probable, {surgery: [{procedure: posterolateral_fusion, levels: [L4-L5], months_ago: 18}], pain: {predominant: back, back: yes, iliac_crest: yes, side: left, radicular: no}, exam: {iliac_crest_trigger_point: yes}, blocks: [{kind: peripheral_nerve, relief_percent: 80}]}]
peripheral_neuropathy:
  diabetic: [probable, {person: {age: 67}, conditions: {diabetes: yes}, surgery: [{procedure: laminectomy, levels: [L4-L5], months_ago: 24}], pain: {predominant: leg, leg: yes, side: bilateral, foot_or_distal_leg: yes, burning: yes, tingling_or_numbness: yes, unchanged_by_posture: yes, radicular: no}, exam: {sensory_stocking: yes, reflex_reduced: yes}}]
vascular_claudication:
  peripheral_artery_disease: [probable, {person: {age: 71}, conditions: {vascular_disease: yes, smoking: yes}, surgery: [{procedure: laminectomy, levels: [L4-L5], months_ago: 20}], pain: {predominant: leg, leg: yes, worse_walking: yes, eased_standing_still: yes, provoked_by_standing_alone: no}, exam: {pulses_reduced: yes}, vessels: {ankle_brachial_index: 0.6}}]
  before_the_index: [probable, {person: {age: 69}, conditions: {smoking: yes}, surgery: [{procedure: laminotomy, levels: [L4-L5], months_ago: 12}], course: {relief: none}, pain: {predominant: leg, leg: yes, claudication: yes, eased_standing_still: yes}, exam: {pulses_reduced: yes}}]
neurological_disease:
  guillain_barre: [probable, {surgery: [{procedure: laminectomy, levels: [L4-L5], months_ago: 0.5}], symptoms: {ascending_weakness: yes, weakness_progressive: yes, weakness_new: yes, upper_limb_symptoms: yes}, exam: {areflexia_general: yes, motor_deficit: yes}, labs: {csf_albuminocytologic_dissociation: yes}}]
  cervical_myelopathy: [probable, {person: {age: 68}, surgery: [{procedure: laminectomy, levels: [L3-L5], months_ago: 12}], course: {relief: none}, pain: {predominant: leg, leg: yes, side: bilateral}, symptoms: {gait_disturbance: yes, upper_limb_symptoms: yes}, exam: {upper_motor_neuron_signs: yes, wide_gait_or_romberg: yes}}]
  dural_fistula: [probable, {person: {age: 64, sex: male}, surgery: [{procedure: laminectomy, levels: [L4-L5], months_ago: 10}], course: {relief: none, trend: worsening}, pain: {leg: yes, side: bilateral, tingling_or_numbness: yes}, symptoms: {gait_disturbance: yes, weakness_worse_with_exertion_or_upright: yes, bladder_new: yes}, imaging: [{modality: mri, findings: {abnormal_cord_vessels_or_edema: yes}}]}]
visceral_or_aortic_disease:
  aneurysm: [probable, {person: {age: 74, sex: male}, conditions: {vascular_disease: yes, smoking: yes}, surgery: [{procedure: laminectomy, levels: [L4-L5], months_ago: 24}], course: {compared_with_before: different}, pain: {predominant: back, back: yes, abdominal: yes, unchanged_by_posture: yes}, exam: {pulsatile_abdominal_mass: yes}, vessels: {aortic_aneurysm: yes}}]
visceral_injury:
  ureter_after_lateral: [probable, {surgery: [{procedure: llif, levels: [L3-L4], months_ago: 0.3}], pain: {abdominal: yes, flank: yes}, symptoms: {fever: yes, abdominal_distension: yes}, imaging: [{modality: ct, findings: {retroperitoneal_air_or_fluid: yes}}]}]
expected_recovery:
  six_weeks_improving: [probable, {surgery: [{procedure: discectomy, levels: [L4-L5], months_ago: 1.5}], course: {relief: good, trend: improving}, pain: {predominant: back, back: yes, back_intensity: 4}, exam: {neuro_normal: yes}}]
  fusion_five_months_improving: [probable, {surgery: [{procedure: posterolateral_fusion, levels: [L4-L5], months_ago: 5}], course: {relief: good, trend: improving}, pain: {predominant: back, back: yes, back_intensity: 3}, scores: {odi: 20}}]
  numb_foot_settling: [probable, {surgery: [{procedure: discectomy, levels: [L5-S1], months_ago: 2}], course: {relief: good, trend: improving}, pain: {predominant: leg, leg: yes, leg_intensity: 2, tingling_or_numbness: yes}, exam: {motor_deficit: no, sensory_deficit: yes}}]
"""
PICTURES = [
    pytest.param(cause, least, case, id=f"{cause}-{name}")
    for cause, pictures in YamlFile(TEXTBOOK, "textbook").data.items()
    for name, (least, case) in pictures.items()
]


@pytest.mark.parametrize(("cause", "least", "case"), PICTURES)
def test_textbook_picture_leads(cause, least, case, reasoner):
    """The cause of a textbook picture is first, and stands at least as high as expected."""
    judged = Judged(
        reasoner, project(build_case(case, reasoner.base, name="picture", default_id="picture"), reasoner.base)
    )
    found = judged.standings[cause]
    assert judged.ranked_causes()[0] == cause, [(c, judged.standings[c].score) for c in judged.ranked_causes()[:4]]
    assert ORDER.index(found.name) <= ORDER.index(least), (found.name, found.score)
